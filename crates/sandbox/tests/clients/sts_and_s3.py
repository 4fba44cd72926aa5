"""STS and S3 through boto3, with nothing but AWS_ENDPOINT_URL to lead it."""

import boto3
from sandbox import DEVICE, code, control, refused

ADMIN = "arn:aws:iam::123456789012:role/Admin"
DEPLOY = "arn:aws:iam::123456789012:role/Deploy"
EXPIRED = "The security token included in the request is expired"


def session(answer):
    keys = answer["Credentials"]
    return boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])


sts = boto3.client("sts")
assert sts.get_caller_identity()["Arn"] == "arn:aws:iam::123456789012:user/dev"
buckets = boto3.client("s3").list_buckets()["Buckets"]
assert [bucket["Name"] for bucket in buckets] == ["sandglass-artifacts", "sandglass-logs"]

refused(
    403,
    "AccessDenied",
    f"User: arn:aws:iam::123456789012:user/dev is not authorized to perform: sts:AssumeRole on resource: {ADMIN}",
    sts.assume_role,
    RoleArn=ADMIN,
    RoleSessionName="me",
)
six_digits = code()
mfa = {"SerialNumber": DEVICE, "TokenCode": six_digits}
admin = session(sts.assume_role(RoleArn=ADMIN, RoleSessionName="me", **mfa))
assert admin.client("sts").get_caller_identity()["UserId"].endswith(":me")
refused(
    403,
    "AccessDenied",
    "MultiFactorAuthentication failed with invalid MFA one time pass code.",
    sts.get_session_token,
    **mfa,
)
proved = session(sts.get_session_token(SerialNumber=DEVICE, TokenCode=code()))
proved.client("sts").assume_role(RoleArn=ADMIN, RoleSessionName="me")

refused(
    400,
    "ValidationError",
    "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
    proved.client("sts").assume_role,
    RoleArn=DEPLOY,
    RoleSessionName="me",
    DurationSeconds=7200,
)

control("PUT", "settings", {"assumed_role": 0})
ended = session(sts.assume_role(RoleArn=DEPLOY, RoleSessionName="me"))
refused(403, "ExpiredToken", EXPIRED, ended.client("sts").get_caller_identity)
refused(400, "ExpiredToken", "The provided token has expired.", ended.client("s3").list_buckets)

nobody = boto3.Session("AKIANOBODYKNOWSTHIS0", "x")
invalid = "The security token included in the request is invalid."
refused(403, "InvalidClientTokenId", invalid, nobody.client("sts").get_caller_identity)
refused(
    403,
    "InvalidAccessKeyId",
    "The AWS Access Key Id you provided does not exist in our records.",
    nobody.client("s3").list_buckets,
)
