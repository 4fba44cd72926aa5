"""A federated user, and the console's federation endpoint, which boto3 has no call for."""

import json
import urllib.error
import urllib.parse
import urllib.request

import boto3
from sandbox import ENDPOINT, refused


def session(answer):
    keys = answer["Credentials"]
    return boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])


sts = boto3.client("sts")
bare = sts.get_federation_token(Name="robin")
assert bare["FederatedUser"]["Arn"] == "arn:aws:sts::123456789012:federated-user/robin"
assert "PackedPolicySize" not in bare
refused(403, "AccessDenied", "Access Denied", session(bare).client("s3").list_buckets)

policy = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:List*", "Resource": "*"}}
answer = sts.get_federation_token(Name="robin", Policy=json.dumps(policy))
assert answer["PackedPolicySize"] > 0
robin = session(answer)
assert robin.client("s3").list_buckets()["Buckets"]
refused(
    403,
    "AccessDenied",
    "Cannot call GetFederationToken with session credentials",
    robin.client("sts").get_federation_token,
    Name="robin",
)
managed = [{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}]
answer = sts.get_federation_token(Name="robin", PolicyArns=managed)
assert session(answer).client("s3").list_buckets()["Buckets"]

keys = answer["Credentials"]
shown = {
    "sessionId": keys["AccessKeyId"],
    "sessionKey": keys["SecretAccessKey"],
    "sessionToken": keys["SessionToken"],
}


def federation(**parameters):
    query = urllib.parse.urlencode(parameters)
    with urllib.request.urlopen(f"{ENDPOINT}/federation?{query}") as reply:
        return reply.read().decode()


token = json.loads(federation(Action="getSigninToken", Session=json.dumps(shown)))["SigninToken"]
console = "https://console.aws.amazon.com/"
page = federation(Action="login", Issuer="tests", Destination=console, SigninToken=token)
assert "federated-user/robin" in page and console in page
try:
    federation(Action="getSigninToken", SessionDuration=3600, Session=json.dumps(shown))
except urllib.error.HTTPError as error:
    assert error.code == 400
else:
    raise AssertionError("a federated user names no duration")
