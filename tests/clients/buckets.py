"""Lists buckets for some seconds, with one client and without ever looking at credentials: a line for each call.

The retry helper is the one that people write who have met ExpiredToken: it must find nothing to do.
"""

import sys
import time

import boto3
from botocore.exceptions import BotoCoreError, ClientError

EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}


def retried(call, tries=3):
    for attempt in range(tries):
        try:
            return call()
        except ClientError as error:
            code = error.response["Error"]["Code"]
            print(f"failed {code}", flush=True)
            if code not in EXPIRED or attempt == tries - 1:
                raise


def main():
    seconds = float(sys.argv[1])
    s3 = boto3.client("s3", region_name="us-east-1")
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            retried(s3.list_buckets)
            print("ok", flush=True)
        except (BotoCoreError, ClientError) as error:
            print(f"failed {error!r}", flush=True)
        time.sleep(0.5)


main()
