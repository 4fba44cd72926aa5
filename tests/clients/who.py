"""Prints the access key id that boto3 finds; its argument names a profile."""

import sys

import boto3

profile = sys.argv[1] if len(sys.argv) > 1 else None
credentials = boto3.Session(profile_name=profile).get_credentials()
if credentials is None:
    raise SystemExit("no credentials")
print(credentials.get_frozen_credentials().access_key)
