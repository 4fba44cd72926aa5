"""Faults that botocore gets over by itself, and a clock that is not its own."""

import boto3
from botocore.config import Config
from sandbox import control, journal

sts = boto3.client("sts", config=Config(retries={"mode": "standard", "max_attempts": 5}))
for effect in ["throttle", "server_error", "drop", "drop_reply"]:
    control("POST", "faults", {"operation": "GetCallerIdentity", "effect": {"kind": effect}})
    assert sts.get_caller_identity()["Account"] == "123456789012"
assert control("GET", "faults") == []
outcomes = [entry["outcome"] for entry in journal("GetCallerIdentity")]
assert outcomes == [
    "Throttling", "ok", "InternalFailure", "ok", "dropped", "ok", "ok", "ok",
], outcomes
