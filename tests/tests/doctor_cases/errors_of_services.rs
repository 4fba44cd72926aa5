//! What any service says of the credentials of a call, as each SDK prints it (AWS Common Error Types; EC2 and S3 error codes;
//! the sources of the SDKs).

use anyhow::Result;

use crate::case::{Pasted, Told};
use crate::check::check_pasted;

const BY: &str = "any AWS service, of the credentials that a call came with";
const TEMPORARY: &str = "temporary credentials of any kind";
const KEYS: &str = "keys of any kind, temporary or long-lived";

const OVER: Told = Told::error("expired-token", "sandglass renew PROFILE").said(BY, TEMPORARY);
const OLD: Told = Told::error("request-expired", "sandglass renew PROFILE").said(BY, TEMPORARY);
const UNKNOWN: Told =
    Told::error("invalid-client-token", "sandglass doctor PROFILE").said(BY, KEYS);
const UNKNOWN_TO_EC2: Told = Told::error("auth-failure", "sandglass doctor PROFILE")
    .what("EC2")
    .said(BY, KEYS);
const UNKNOWN_TO_S3: Told = Told::error("invalid-access-key", "sandglass doctor PROFILE")
    .what("S3")
    .said(BY, KEYS);
const WRONG_TOKEN: Told = Told::error("invalid-token", "sandglass doctor PROFILE")
    .what("S3")
    .said(BY, KEYS);
const MISMATCH: Told = Told::error("signature-mismatch", "aws configure --profile PROFILE")
    .why("secret does not belong to the access key")
    .said(BY, KEYS);
const SKEWED: Told = Told::error("request-time-too-skewed", "timedatectl set-ntp true")
    .what("S3")
    .said(BY, KEYS);
const THROTTLED: Told = Told::note("throttled", "try again in a minute").said(BY, KEYS);

const fn slow(code: &'static str, by: &'static str) -> Told {
    Told::error(code, "set the clock of this machine, which is")
        .why(by)
        .said(BY, KEYS)
}

const FORBIDDEN: Told = Told::error("explicit-deny", "sandglass renew PROFILE")
    .why("sessions were revoked")
    .said(BY, TEMPORARY);

const ROWS: &[Pasted] = &[
    // The sessions of the role were revoked.
    (
        "An error occurred (AccessDenied) when calling the ListBuckets operation: User: arn:aws:sts::123456789012:assumed-role/Deploy/me is not authorized to perform: s3:ListAllMyBuckets with an explicit deny in an identity-based policy",
        &[FORBIDDEN.what("(during ListBuckets)")],
    ),
    // The session is over.
    (
        "botocore.exceptions.ClientError: An error occurred (ExpiredToken) when calling the GetCallerIdentity operation: The security token included in the request is expired",
        &[OVER.what("(during GetCallerIdentity)")],
    ),
    (
        "An error occurred (ExpiredToken) when calling the ListObjectsV2 operation: The provided token has expired.",
        &[OVER.what("(during ListObjectsV2)")],
    ),
    (
        "aws: [ERROR]: An error occurred (ExpiredTokenException) when calling the DescribeTable operation: The security token included in the request is expired",
        &[OVER.what("(during DescribeTable)")],
    ),
    (
        "operation error SQS: ReceiveMessage, https response error StatusCode: 403, RequestID: 0f6c1a2b-0000-4000-8000-000000000001, api error ExpiredToken: The security token included in the request is expired",
        &[OVER.what("(during ReceiveMessage)")],
    ),
    (
        "ExpiredTokenException: The security token included in the request is expired\n    at ProtocolLib.getErrorSchemaOrThrowBaseException (/app/node_modules/@aws-sdk/core/dist-cjs/index.js:69:67)\n    at process.processTicksAndRejections (node:internal/process/task_queues:105:5) {\n  '$fault': 'client',\n  '$metadata': { httpStatusCode: 400, attempts: 1 },\n  __type: 'com.amazon.coral.service#ExpiredTokenException'\n}",
        &[OVER],
    ),
    (
        "ExpiredToken: The provided token has expired.\n    at throwDefaultError (/app/node_modules/@smithy/smithy-client/dist-cjs/index.js:388:20) {\n  '$fault': 'client',\n  Code: 'ExpiredToken',\n  'Token-0': 'never-shown-token',\n  HostId: 'abc='\n}",
        &[OVER],
    ),
    (
        "software.amazon.awssdk.services.sts.model.StsException: The security token included in the request is expired (Service: Sts, Status Code: 403, Request ID: 0f6c1a2b-0000-4000-8000-000000000002) (SDK Attempt Count: 1)",
        &[OVER],
    ),
    (
        "com.amazonaws.services.sqs.model.AmazonSQSException: The security token included in the request is expired (Service: AmazonSQS; Status Code: 403; Error Code: ExpiredToken; Request ID: 0f6c1a2b-0000-4000-8000-000000000003; Proxy: null)",
        &[OVER],
    ),
    (
        "Error: service error: unhandled error (ExpiredToken): Error { code: \"ExpiredToken\", message: \"The security token included in the request is expired\", aws_request_id: \"0f6c1a2b-0000-4000-8000-000000000004\" }",
        &[OVER],
    ),
    (
        "ServiceError(ServiceError { source: Unhandled(Unhandled { source: ErrorMetadata { code: Some(\"ExpiredToken\"), message: Some(\"The provided token has expired.\"), extras: None }, meta: ErrorMetadata { .. } }) })",
        &[OVER],
    ),
    (
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message><Token-0>never-shown-token</Token-0><RequestId>2J8ZFVZV</RequestId></Error>",
        &[OVER],
    ),
    (
        "{\"__type\":\"com.amazon.coral.service#ExpiredTokenException\",\"message\":\"The security token included in the request is expired\"}",
        &[OVER],
    ),
    (
        "level=error msg=\"upload failed\" code=ExpiredToken",
        &[OVER],
    ),
    ("ExpiredTokenException", &[OVER]),
    // The session is over, or the clock is wrong.
    (
        "An error occurred (RequestExpired) when calling the DescribeInstances operation: Request has expired.",
        &[OLD.what("(during DescribeInstances)")],
    ),
    (
        "operation error EC2: DescribeRegions, https response error StatusCode: 400, RequestID: 0f6c1a2b-0000-4000-8000-000000000005, api error RequestExpired: Request has expired.",
        &[OLD],
    ),
    (
        "software.amazon.awssdk.services.ec2.model.Ec2Exception: Request has expired. (Service: Ec2, Status Code: 400, Request ID: 0f6c1a2b-0000-4000-8000-000000000006)",
        &[OLD],
    ),
    (
        "<Response><Errors><Error><Code>RequestExpired</Code><Message>Request has expired.</Message></Error></Errors></Response>",
        &[OLD],
    ),
    ("service error: unhandled error (RequestExpired)", &[OLD]),
    // AWS does not know the key.
    (
        "An error occurred (InvalidClientTokenId) when calling the AssumeRole operation: The security token included in the request is invalid.",
        &[UNKNOWN.what("(during AssumeRole)")],
    ),
    (
        "An error occurred (UnrecognizedClientException) when calling the ListTables operation: The security token included in the request is invalid.",
        &[UNKNOWN],
    ),
    (
        "UnrecognizedClientException: The security token included in the request is invalid.\n    at deserializeAws_json1_1 (/app/index.js:1:1)",
        &[UNKNOWN],
    ),
    (
        "operation error STS: GetCallerIdentity, https response error StatusCode: 403, RequestID: 0f6c1a2b-0000-4000-8000-000000000007, api error InvalidClientTokenId: The security token included in the request is invalid.",
        &[UNKNOWN],
    ),
    (
        "software.amazon.awssdk.services.iam.model.IamException: The security token included in the request is invalid. (Service: Iam, Status Code: 403, Request ID: 0f6c1a2b-0000-4000-8000-000000000008)",
        &[UNKNOWN],
    ),
    (
        "unhandled error (UnrecognizedClientException): Error { code: \"UnrecognizedClientException\" }",
        &[UNKNOWN],
    ),
    (
        "An error occurred (AuthFailure) when calling the DescribeInstances operation: AWS was not able to validate the provided access credentials",
        &[UNKNOWN_TO_EC2],
    ),
    (
        "Error launching source instance: AuthFailure: AWS was not able to validate the provided access credentials\n\tstatus code: 401, request id: 0f6c1a2b-0000-4000-8000-000000000009",
        &[UNKNOWN_TO_EC2],
    ),
    (
        "{ Errors: { Error: { Code: 'AuthFailure' } } }",
        &[UNKNOWN_TO_EC2],
    ),
    (
        "An error occurred (InvalidAccessKeyId) when calling the ListBuckets operation: The AWS Access Key Id you provided does not exist in our records.",
        &[UNKNOWN_TO_S3],
    ),
    (
        "software.amazon.awssdk.services.s3.model.S3Exception: The AWS Access Key Id you provided does not exist in our records. (Service: S3, Status Code: 403, Request ID: 2J8ZFVZV, Extended Request ID: abc=)",
        &[UNKNOWN_TO_S3],
    ),
    (
        "<Error><Code>InvalidAccessKeyId</Code><AWSAccessKeyId>ASIAEXAMPLE0GONE</AWSAccessKeyId></Error>",
        &[UNKNOWN_TO_S3],
    ),
    (
        "An error occurred (InvalidToken) when calling the PutObject operation: The provided token is malformed or otherwise invalid.",
        &[WRONG_TOKEN],
    ),
    (
        "operation error S3: PutObject, https response error StatusCode: 400, RequestID: 2J8ZFVZV, HostID: abc=, api error InvalidToken: The provided token is malformed or otherwise invalid.",
        &[WRONG_TOKEN],
    ),
    (
        "Code: 'InvalidToken',\n  'Token-0': 'never-shown-token'",
        &[WRONG_TOKEN],
    ),
    // Key and secret do not belong together.
    (
        "An error occurred (SignatureDoesNotMatch) when calling the GetCallerIdentity operation: The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
        &[MISMATCH],
    ),
    (
        "InvalidSignatureException: The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.",
        &[MISMATCH],
    ),
    (
        "software.amazon.awssdk.services.s3.model.S3Exception: The request signature we calculated does not match the signature you provided. Check your key and signing method. (Service: S3, Status Code: 403, Request ID: 2J8ZFVZV)",
        &[MISMATCH],
    ),
    ("unhandled error (InvalidSignatureException)", &[MISMATCH]),
    ("api error SignatureDoesNotMatch: ", &[MISMATCH]),
    // The clock is wrong.
    (
        "An error occurred (SignatureDoesNotMatch) when calling the GetCallerIdentity operation: Signature expired: 20260102T030405Z is now earlier than 20260102T031905Z (20260102T032405Z - 5 min.)",
        &[slow("signature-expired", "the clock is 20 min slow")],
    ),
    (
        "operation error DynamoDB: GetItem, https response error StatusCode: 400, RequestID: ABC, api error InvalidSignatureException: Signature expired: 20260102T030405Z is now earlier than 20260102T040405Z (20260102T041905Z - 15 min.)",
        &[slow("signature-expired", "the clock is 1 h 15 min slow").what("(during GetItem)")],
    ),
    (
        "{\"level\":\"info\",\"message\":{\"message\":\"Signature expired: 20251231T234959Z is now earlier than 20260101T000500Z (20260101T001000Z - 5 min.)\",\"code\":\"InvalidSignatureException\",\"statusCode\":400}}",
        &[slow("signature-expired", "the clock is 20 min slow")],
    ),
    (
        "com.amazonaws.AmazonServiceException: Signature expired: 20260102T030405Z is now earlier than 20260105T025905Z (20260105T030405Z - 5 min.) (Service: AmazonSQS; Status Code: 403; Error Code: SignatureDoesNotMatch)",
        &[slow("signature-expired", "the clock is 3 days slow")],
    ),
    (
        "InvalidSignatureException: Signature not yet current: 20260102T040000Z is still later than 20260102T033500Z (20260102T033000Z + 5 min.)\n\tstatus code: 400, request id: 0f6c1a2b",
        &[slow(
            "signature-not-yet-current",
            "the clock is 30 min fast",
        )],
    ),
    (
        "software.amazon.awssdk.services.kinesis.model.KinesisException: Signature not yet current: 20260102T053000Z is still later than 20260102T033500Z (20260102T033000Z + 5 min.) (Service: Kinesis, Status Code: 400)",
        &[slow("signature-not-yet-current", "the clock is 2 h fast")],
    ),
    (
        "<Error>\n  <Code>SignatureDoesNotMatch</Code>\n  <Message>Signature not yet current: 20260102T040000Z is still later than 20260102T033500Z (20260102T033000Z + 5 min.)</Message>\n</Error>",
        &[slow(
            "signature-not-yet-current",
            "the clock is 30 min fast",
        )],
    ),
    (
        "unhandled error (SignatureDoesNotMatch): Error { code: \"SignatureDoesNotMatch\", message: \"Signature expired: 20260102T030405Z is now earlier than 20260102T031905Z (20260102T032405Z - 5 min.)\" }",
        &[slow("signature-expired", "the clock is 20 min slow")],
    ),
    (
        "<Error><Code>RequestTimeTooSkewed</Code><Message>The difference between the request time and the current time is too large.</Message><RequestTime>20260102T020000Z</RequestTime><ServerTime>2026-01-02T03:00:00Z</ServerTime><MaxAllowedSkewMilliseconds>900000</MaxAllowedSkewMilliseconds></Error>",
        &[SKEWED.why("the clock is 1 h slow")],
    ),
    (
        "Error executing \"PutObject\": 403 RequestTimeTooSkewed (client): The difference between the request time and the current time is too large. - <?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>RequestTimeTooSkewed</Code><Message>The difference between the request time and the current time is too large.</Message><RequestTime>Fri, 02 Jan 2026 05:00:00 GMT</RequestTime><ServerTime>2026-01-02T03:00:00Z</ServerTime></Error>",
        &[SKEWED.why("the clock is 2 h fast")],
    ),
    (
        "<Error>\n  <Code>RequestTimeTooSkewed</Code>\n  <Message>The difference between the request time and the current time is too large.</Message>\n  <RequestTime>20260102T020000Z</RequestTime>\n  <ServerTime>2026-01-02T03:00:00Z</ServerTime>\n</Error>",
        &[SKEWED.why("the clock is 1 h slow")],
    ),
    (
        "RequestTimeTooSkewed: The difference between the request time and the current time is too large.\n  Code: 'RequestTimeTooSkewed',\n  RequestTime: '20260102T020000Z',\n  ServerTime: '2026-01-02T03:00:00Z',\n  MaxAllowedSkewMilliseconds: '900000'",
        &[SKEWED.why("the clock is 1 h slow")],
    ),
    (
        "An error occurred (RequestTimeTooSkewed) when calling the ListObjects operation: The difference between the request time and the current time is too large.",
        &[SKEWED],
    ),
    (
        "RequestInTheFuture",
        &[
            Told::error("request-in-the-future", "timedatectl set-ntp true")
                .why("The clock of this machine is fast")
                .said(BY, KEYS),
        ],
    ),
    // The account, and how often it is asked.
    (
        "An error occurred (OptInRequired) when calling the DescribeInstances operation: You are not subscribed to this service. Please go to http://aws.amazon.com to subscribe.",
        &[Told::error("opt-in-required", "one that the account uses").said(BY, KEYS)],
    ),
    (
        "An error occurred (Throttling) when calling the AssumeRole operation (reached max retries: 4): Rate exceeded",
        &[THROTTLED],
    ),
    ("ThrottlingException: Rate exceeded", &[THROTTLED]),
];

#[test]
fn what_services_say_of_credentials_is_explained() -> Result<()> {
    check_pasted(ROWS)
}

const TOGETHER: &[Pasted] = &[
    (
        "10:00 RequestExpired: Request has expired.\n10:01\n10:02\n10:03\n10:04 An error occurred (InvalidClientTokenId) when calling the AssumeRole operation: The security token included in the request is invalid.\n10:05\n10:06\n10:07\n10:08 Unable to locate credentials. You can configure credentials by running \"aws configure\".",
        &[
            OLD,
            UNKNOWN,
            Told::error("no-credentials", "sandglass status"),
        ],
    ),
    // What stands still comes before what is worth a note.
    (
        "ThrottlingException: Rate exceeded\n\n\n\nThe provided token has expired.\n\n\n\nExpiredToken again",
        &[OVER, THROTTLED],
    ),
    // An error that wraps another one does not hide it.
    (
        "CredentialsProviderError: Could not load credentials from any providers\n\n\n\n\nUnrecognizedClientException: The security token included in the request is invalid.",
        &[Told::error("no-credentials", "sandglass status"), UNKNOWN],
    ),
    (
        "operation error S3: ListBuckets, failed to sign request: failed to retrieve credentials: failed to refresh cached credentials, operation error STS: AssumeRole, https response error StatusCode: 403, RequestID: 0f6c1a2b, api error ExpiredToken: The security token included in the request is expired",
        &[OVER],
    ),
];

#[test]
fn several_errors_of_one_log_are_told_in_its_order() -> Result<()> {
    check_pasted(TOGETHER)
}

const ALIKE: &[Pasted] = &[
    ("", &[]),
    ("everything is well, nothing expired", &[]),
    (
        "NotExpiredToken ExpiredTokens myaccess_denied_total{code=\"invalid_grant_count\"} 4",
        &[],
    ),
    ("class ExpiredTokenExceptionHandler extends Handler {}", &[]),
    ("the security token of the door was renewed", &[]),
    (
        "You have no access to the car park.\nNo access logs were found.",
        &[],
    ),
    (
        "An error occurred (ForbiddenException) when calling the PostToConnection operation: Forbidden",
        &[],
    ),
    (
        "An error occurred (AccessDenied) when calling the PutObject operation: User: arn:aws:iam::123456789012:user/dev is not authorized to perform: s3:PutObject on resource: \"arn:aws:s3:::b/k\" because no identity-based policy allows the s3:PutObject action",
        &[],
    ),
    (
        "An error occurred (AccessDeniedException) when calling the GetItem operation: User is not authorized to perform: dynamodb:GetItem",
        &[],
    ),
    (
        "An error occurred (ServiceQuotaExceededException) when calling the CreateRepository operation: Too many repositories",
        &[],
    ),
    (
        "An error occurred (InvalidRequestException) when calling the PutSecretValue operation: You can't perform this operation on the secret because it was marked for deletion.",
        &[],
    ),
    (
        "An error occurred (ResourceNotFoundException) when calling the GetItem operation: Requested resource not found",
        &[],
    ),
    (
        "An error occurred (InternalServerException) when calling the Invoke operation: unknown",
        &[],
    ),
    (
        "An error occurred (ValidationException) when calling the Query operation: Query condition missed key schema element",
        &[],
    ),
    (
        "<Error><Code>AccessDenied</Code><Message>Request has expired</Message><X-Amz-Expires>3600</X-Amz-Expires></Error>",
        &[],
    ),
    (
        "Failed to retrieve credentials from Key Vault: no route to host",
        &[],
    ),
    (
        "AWS_ACCESS_KEY_ID=ASIAEXAMPLE0LOGS AWS_SECRET_ACCESS_KEY=never-shown-secret AWS_SESSION_TOKEN=never-shown-token",
        &[],
    ),
];

#[test]
fn what_only_looks_like_an_error_of_credentials_is_none() -> Result<()> {
    check_pasted(ALIKE)
}
