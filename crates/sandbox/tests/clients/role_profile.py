"""A program that holds a session of a role profile while its credentials end and are replaced."""

import boto3
from sandbox import control, journal

# Less than the ten minutes at which botocore insists on fresh credentials.
control("PUT", "settings", {"assumed_role": 5})
session = boto3.Session(profile_name="deploy")
s3 = session.client("s3")
for _ in range(3):
    assert s3.list_buckets()["Buckets"]
outcomes = [entry["outcome"] for entry in journal("AssumeRole")]
assert len(outcomes) > 1 and set(outcomes) == {"ok"}, outcomes
keys = {entry["key"] for entry in journal("ListBuckets")}
assert len(keys) > 1, "each call has keys of its own"
