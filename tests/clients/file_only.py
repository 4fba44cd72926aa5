"""Lists buckets for some seconds, with a client that reads the credentials file and nothing else: a line for each call."""

import os
import sys
import time
from urllib.parse import urlsplit

from minio import Minio
from minio.credentials import AWSConfigProvider


def main():
    seconds = float(sys.argv[1])
    s3 = Minio(
        urlsplit(os.environ["AWS_ENDPOINT_URL"]).netloc,
        credentials=AWSConfigProvider(),
        secure=False,
        region="us-east-1",
    )
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            s3.list_buckets()
            print("ok", flush=True)
        except Exception as error:
            print(f"failed {error!r}", flush=True)
        time.sleep(0.5)


main()
