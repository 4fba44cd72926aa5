// Lists buckets for some seconds: a line for each call.
//
// With `--buffer` it is the program that people write who have met ExpiredToken: a client is thrown away once its
// credentials end within five minutes. Nothing in it knows of Sandglass.
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";

const BUFFER = 5 * 60 * 1000;
const seconds = Number(process.argv[2]);
const buffered = process.argv.includes("--buffer");

let client;
let ends = 0;

async function current() {
  if (client && (!buffered || ends - Date.now() > BUFFER)) {
    return client;
  }
  client?.destroy();
  client = new S3Client({ region: "us-east-1" });
  const credentials = await client.config.credentials();
  ends = credentials.expiration?.getTime() ?? Infinity;
  return client;
}

const end = Date.now() + seconds * 1000;
while (Date.now() < end) {
  try {
    const s3 = await current();
    await s3.send(new ListBucketsCommand({}));
    console.log("ok");
  } catch (error) {
    console.log(`failed ${error}`);
  }
  await new Promise((resolve) => setTimeout(resolve, 500));
}
