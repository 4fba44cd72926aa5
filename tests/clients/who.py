"""Prints the access key id that boto3 finds."""

import boto3

credentials = boto3.Session().get_credentials()
if credentials is None:
    raise SystemExit("no credentials")
print(credentials.get_frozen_credentials().access_key)
