// Prints the access key id that the AWS SDK for JavaScript finds.
import { S3Client } from "@aws-sdk/client-s3";

const s3 = new S3Client({ region: "us-east-1" });
console.log((await s3.config.credentials()).accessKeyId);
