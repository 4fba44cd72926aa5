"""The device flow and the portal through boto3, with its modelled exceptions."""

import time

import boto3
from sandbox import DEVICE_CODE, START_URL, control, refused

oidc = boto3.client("sso-oidc")
portal = boto3.client("sso")


def register(scopes):
    answer = oidc.register_client(clientName="boto3", clientType="public", scopes=scopes)
    return {"clientId": answer["clientId"], "clientSecret": answer["clientSecret"]}


def raises(exception, call, **parameters):
    try:
        call(**parameters)
    except exception as error:
        return error
    raise AssertionError(f"{exception} was expected")


client = register(["sso:account:access"])
device = oidc.start_device_authorization(startUrl=START_URL, **client)
poll = {"grantType": DEVICE_CODE, "deviceCode": device["deviceCode"], **client}
pending = raises(oidc.exceptions.AuthorizationPendingException, oidc.create_token, **poll)
assert pending.response["error"] == "authorization_pending"
raises(oidc.exceptions.SlowDownException, oidc.create_token, **poll)
control("POST", "device/approve", {"user_code": device["userCode"]})
time.sleep(device["interval"])
tokens = oidc.create_token(**poll)
assert tokens["tokenType"] == "Bearer" and 3500 < tokens["expiresIn"] <= 3600
raises(oidc.exceptions.InvalidGrantException, oidc.create_token, **poll | {"deviceCode": "unknown"})

denied = oidc.start_device_authorization(startUrl=START_URL, **client)
control("POST", "device/deny", {"user_code": denied["userCode"]})
raises(
    oidc.exceptions.AccessDeniedException,
    oidc.create_token,
    **poll | {"deviceCode": denied["deviceCode"]},
)
control("PUT", "settings", {"device_code": 0})
ended = oidc.start_device_authorization(startUrl=START_URL, **client)
raises(
    oidc.exceptions.ExpiredTokenException,
    oidc.create_token,
    **poll | {"deviceCode": ended["deviceCode"]},
)
raises(oidc.exceptions.InvalidClientException, oidc.create_token, **poll | {"clientSecret": "wrong"})
raises(
    oidc.exceptions.UnsupportedGrantTypeException,
    oidc.create_token,
    **poll | {"grantType": "password"},
)
raises(
    oidc.exceptions.InvalidRequestException,
    oidc.start_device_authorization,
    startUrl="https://nobody.awsapps.com/start",
    **client,
)

bearer = {"accessToken": tokens["accessToken"]}
pages = portal.get_paginator("list_accounts").paginate(PaginationConfig={"PageSize": 1}, **bearer)
accounts = [account["accountId"] for page in pages for account in page["accountList"]]
assert accounts == ["123456789012", "210987654321"], accounts
pages = portal.get_paginator("list_account_roles").paginate(
    accountId="123456789012", PaginationConfig={"PageSize": 1}, **bearer
)
roles = [role["roleName"] for page in pages for role in page["roleList"]]
assert roles == ["Admin", "ReadOnly"], roles
admin = {"roleName": "Admin", "accountId": "123456789012"}
keys = portal.get_role_credentials(**admin, **bearer)["roleCredentials"]
assert 3500 < keys["expiration"] / 1000 - time.time() <= 3600
session = boto3.Session(keys["accessKeyId"], keys["secretAccessKey"], keys["sessionToken"])
assert session.client("sts").get_caller_identity()["Account"] == "123456789012"

refused(
    403,
    "ForbiddenException",
    "No access",
    portal.get_role_credentials,
    roleName="Typo",
    accountId="123456789012",
    **bearer,
)
raises(
    portal.exceptions.ResourceNotFoundException,
    portal.list_account_roles,
    accountId="999999999999",
    **bearer,
)

refresh = {"grantType": "refresh_token", "refreshToken": tokens["refreshToken"], **client}
fresh = oidc.create_token(**refresh)
assert fresh["refreshToken"] != tokens["refreshToken"]
dead = raises(oidc.exceptions.InvalidGrantException, oidc.create_token, **refresh)
assert dead.response["error_description"] == "Invalid refresh token provided"

portal.logout(**bearer)
refused(
    401,
    "UnauthorizedException",
    "Session token not found or invalid",
    portal.get_role_credentials,
    **admin,
    **bearer,
)
