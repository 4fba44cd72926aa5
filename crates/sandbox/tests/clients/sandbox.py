"""The sandbox's control API, and what the scripts share."""

import json
import os
import urllib.parse
import urllib.request

from botocore.exceptions import ClientError

ENDPOINT = os.environ["AWS_ENDPOINT_URL"]
START_URL = "https://sandglass.awsapps.com/start"
DEVICE = "arn:aws:iam::123456789012:mfa/dev"
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"


def control(method, path, body=None):
    request = urllib.request.Request(
        f"{ENDPOINT}/_sandbox/{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def code():
    """A code that the device's owner could type now."""
    display = control("GET", "totp/" + urllib.parse.quote(DEVICE, safe=""))
    return display["next_code"] if display["used"] else display["code"]


def journal(operation):
    return [entry for entry in control("GET", "journal") if entry["operation"] == operation]


def refused(status, error_code, message, call, **parameters):
    """Makes a call that must be refused in just these words."""
    try:
        call(**parameters)
    except ClientError as error:
        answer = error.response
        got = (
            answer["ResponseMetadata"]["HTTPStatusCode"],
            answer["Error"]["Code"],
            answer["Error"]["Message"],
        )
        assert got == (status, error_code, message), got
        assert answer["ResponseMetadata"]["RequestId"], answer
        return error
    raise AssertionError(f"{error_code} was expected")
