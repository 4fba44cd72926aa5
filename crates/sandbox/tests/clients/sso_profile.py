"""A profile of Identity Center: botocore reads the token from ~/.aws/sso/cache and refreshes it before it ends."""

import hashlib
import json
import pathlib
import time

import boto3
from sandbox import DEVICE_CODE, START_URL, control, journal


def stamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


oidc = boto3.client("sso-oidc")
client = oidc.register_client(clientName="boto3", clientType="public", scopes=["sso:account:access"])
keys = {"clientId": client["clientId"], "clientSecret": client["clientSecret"]}
device = oidc.start_device_authorization(startUrl=START_URL, **keys)
control("POST", "device/approve", {"user_code": device["userCode"]})
control("PUT", "settings", {"access_token": 300})
tokens = oidc.create_token(grantType=DEVICE_CODE, deviceCode=device["deviceCode"], **keys)
control("PUT", "settings", {})

folder = pathlib.Path.home() / ".aws/sso/cache"
folder.mkdir(parents=True)
cache = folder / (hashlib.sha1(b"sandglass").hexdigest() + ".json")
cache.write_text(
    json.dumps(
        {
            "startUrl": START_URL,
            "region": "us-east-1",
            "accessToken": tokens["accessToken"],
            "expiresAt": stamp(time.time() + tokens["expiresIn"]),
            "refreshToken": tokens["refreshToken"],
            "registrationExpiresAt": stamp(client["clientSecretExpiresAt"]),
            **keys,
        }
    )
)

session = boto3.Session(profile_name="sso")
arn = session.client("sts").get_caller_identity()["Arn"]
assert arn.startswith("arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Admin_"), arn
assert arn.endswith("/alex"), arn
assert session.client("s3").list_buckets()["Buckets"]

grants = [entry["parameters"]["grantType"] for entry in journal("CreateToken")]
assert grants == [DEVICE_CODE, "refresh_token"], grants
assert journal("CreateToken")[-1]["outcome"] == "ok"
written = json.loads(cache.read_text())
assert written["accessToken"] != tokens["accessToken"]
assert written["refreshToken"] != tokens["refreshToken"]
