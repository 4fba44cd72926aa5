"""The metadata service of an instance and the container endpoint of a task, by the variables that lead to them."""

import os

import boto3
from botocore.exceptions import CredentialRetrievalError, NoCredentialsError
from sandbox import ENDPOINT, control, journal


def who(**environment):
    """The caller whom a fresh session with no keys and these variables is."""
    for name in ["AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN"]:
        os.environ.pop(name, None)
    os.environ.update(
        AWS_SHARED_CREDENTIALS_FILE=os.devnull, AWS_CONFIG_FILE=os.devnull, **environment
    )
    session = boto3.Session()
    assert session.client("s3").list_buckets()["Buckets"]
    return session.client("sts").get_caller_identity()["Arn"]


def gets_nothing(error, **environment):
    try:
        who(**environment)
    except error:
        return
    raise AssertionError(f"{error} was expected")


INSTANCE = {
    "AWS_EC2_METADATA_DISABLED": "false",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT": ENDPOINT,
    "AWS_METADATA_SERVICE_NUM_ATTEMPTS": "2",
}
instance = who(**INSTANCE)
assert instance == "arn:aws:sts::123456789012:assumed-role/Instance/i-0123456789abcdef0", instance
operations = [entry["operation"] for entry in control("GET", "journal")][:3]
assert operations == ["GetMetadataToken", "GetMetadataRole", "GetMetadataCredentials"], operations

# Without a token botocore tries version 1, which the instance refuses until it is told otherwise.
effect = {"kind": "refuse", "status": 403, "code": "Forbidden"}
control("POST", "faults", {"operation": "GetMetadataToken", "count": None, "effect": effect})
gets_nothing(NoCredentialsError, **INSTANCE)
control("PUT", "settings", {"http_tokens": "optional"})
assert who(**INSTANCE) == instance
control("DELETE", "faults")

control("POST", "faults", {"operation": "GetMetadataCredentials", "effect": {"kind": "server_error"}})
assert who(**INSTANCE) == instance

task = f"{ENDPOINT}/v2/credentials/sandglass-task"
TASK = {
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": task,
    "AWS_CONTAINER_AUTHORIZATION_TOKEN": "Bearer make-believe",
}
arn = "arn:aws:sts::123456789012:assumed-role/Task/sandglass-task"
assert who(**TASK) == arn
gets_nothing(CredentialRetrievalError, **{**TASK, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "make-believe"})
outcomes = {entry["outcome"] for entry in journal("GetContainerCredentials")}
assert outcomes == {"ok", "AccessDenied"}, outcomes
