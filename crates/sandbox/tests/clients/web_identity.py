"""A web identity: botocore reads the token file anew for each session, and never says how long one is to last."""

import os
import pathlib

import boto3
from sandbox import control, journal

ROLE = "arn:aws:iam::123456789012:role/Pipeline"
IDENTITY = {"provider": "oidc.sandglass.example", "subject": "repo:sandglass/app"}

token = pathlib.Path.home() / "token"
token.write_text(control("POST", "web-identity", IDENTITY)["token"])
os.environ.update(
    AWS_WEB_IDENTITY_TOKEN_FILE=str(token), AWS_ROLE_ARN=ROLE, AWS_ROLE_SESSION_NAME="boto3"
)
# Less than the ten minutes at which botocore insists on fresh credentials.
control("PUT", "settings", {"web_identity": 5})
session = boto3.Session()
assert session.client("sts").get_caller_identity()["Arn"].endswith("/Pipeline/boto3")
token.write_text(control("POST", "web-identity", {**IDENTITY, "subject": "repo:sandglass/other"})["token"])
assert session.client("s3").list_buckets()["Buckets"]

calls = journal("AssumeRoleWithWebIdentity")
assert {call["outcome"] for call in calls} == {"ok"}, calls
assert [call["who"] for call in calls][0] == "repo:sandglass/app", calls
assert [call["who"] for call in calls][-1] == "repo:sandglass/other", calls
assert all(call["key"] is None for call in calls), "nobody signs it"
assert all("DurationSeconds" not in call["parameters"] for call in calls)

sts = boto3.client("sts", aws_access_key_id="unused", aws_secret_access_key="unused")
over = control("POST", "web-identity", {**IDENTITY, "seconds": -1})["token"]
for bad, expected in [(over, sts.exceptions.ExpiredTokenException), ("nothing", sts.exceptions.InvalidIdentityTokenException)]:
    try:
        sts.assume_role_with_web_identity(RoleArn=ROLE, RoleSessionName="me", WebIdentityToken=bad)
    except expected:
        continue
    raise AssertionError(f"{expected} was expected")
