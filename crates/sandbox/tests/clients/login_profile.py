"""A profile of `aws login`: botocore reads ~/.aws/login/cache and refreshes with a proof of the login's own key."""

import hashlib
import json
import pathlib

import boto3
from botocore.exceptions import LoginInsufficientPermissions, LoginRefreshRequired
from sandbox import control, journal


def write(login):
    folder = pathlib.Path.home() / ".aws/login/cache"
    folder.mkdir(parents=True, exist_ok=True)
    name = hashlib.sha256(b"arn:aws:iam::123456789012:user/dev").hexdigest()
    cache = folder / f"{name}.json"
    cache.write_text(json.dumps(login))
    return cache


# Less than the five minutes before the end at which botocore refreshes.
control("PUT", "settings", {"login_access": 200})
login = control("POST", "console-login", {"user": "dev"})
assert login["loginSession"] == "arn:aws:iam::123456789012:user/dev"
cache = write(login)
control("PUT", "settings", {})

session = boto3.Session(profile_name="login")
assert session.client("sts").get_caller_identity()["Arn"] == login["loginSession"]
assert session.client("s3").list_buckets()["Buckets"]
grants = [(entry["outcome"], entry["parameters"]["grantType"]) for entry in journal("CreateOAuth2Token")]
assert grants == [("ok", "refresh_token")], grants
written = json.loads(cache.read_text())
assert written["accessToken"]["accessKeyId"] != login["accessToken"]["accessKeyId"]
assert written["refreshToken"] != login["refreshToken"]

for user, reason, expected in [
    ("dev", "token_expired", LoginRefreshRequired),
    ("dev", "password_changed", LoginRefreshRequired),
    ("ops", None, LoginInsufficientPermissions),
]:
    control("PUT", "settings", {"login_access": 200})
    write(control("POST", "console-login", {"user": user}))
    if reason:
        control("POST", "revoke", {"kind": "login_sessions", "user": user, "reason": reason})
    # Credentials that have ended leave botocore no choice but to refresh.
    ended = json.loads(cache.read_text())
    ended["accessToken"]["expiresAt"] = "2026-01-02T03:04:05Z"
    write(ended)
    try:
        boto3.Session(profile_name="login").client("sts").get_caller_identity()
    except expected:
        continue
    raise AssertionError(f"{expected} was expected")
