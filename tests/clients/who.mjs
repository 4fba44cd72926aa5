// Prints the access key id that the AWS SDK for JavaScript finds; its argument names a profile.
import { S3Client } from "@aws-sdk/client-s3";

const profile = process.argv[2];
const s3 = new S3Client({ region: "us-east-1", ...(profile && { profile }) });
console.log((await s3.config.credentials()).accessKeyId);
