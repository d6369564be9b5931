"""Every kind of problem. Written by scripts/problems from openapi/problems.yaml; edit that."""

from dataclasses import dataclass

from .words import Words, say


@dataclass(frozen=True)
class ProblemType:
    """One kind: its status and title, what it means, and how a caller mends it, in words."""

    status: int
    title: Words
    meaning: Words
    mend: Words


PROBLEMS: dict[str, ProblemType] = {
    "malformed-json": ProblemType(
        status=400,
        title=say("Malformed JSON"),
        meaning=say(
            "The body is not one complete JSON value in UTF-8, or it uses something that JSON does"
            " not have, such as NaN, or a key twice in one object."
        ),
        mend=say("Write the body with a JSON library instead of by hand, and send it as UTF-8."),
    ),
    "bad-request": ProblemType(
        status=400,
        title=say("Bad request"),
        meaning=say(
            "The request cannot be understood, for example because a header contradicts itself or "
            "cannot be read."
        ),
        mend=say("Correct what `detail` and `errors` name, and send the request again."),
    ),
    "invalid-cursor": ProblemType(
        status=400,
        title=say("Invalid cursor"),
        meaning=say(
            "The cursor was changed on its way, or belongs to another question, with other "
            "filters, another order or another tenant."
        ),
        mend=say(
            "Send `next_cursor` exactly as you received it, with the same filters and order, or "
            "begin again without a cursor."
        ),
    ),
    "idempotency-key-required": ProblemType(
        status=400,
        title=say("Idempotency key required"),
        meaning=say(
            "This operation must not happen twice by accident, so it is only done under an "
            "idempotency key."
        ),
        mend=say(
            "Send an `Idempotency-Key` header with a fresh UUID for each thing you want done, and "
            "the same one when you try again."
        ),
    ),
    "idempotency-key-invalid": ProblemType(
        status=400,
        title=say("Idempotency key invalid"),
        meaning=say(
            "The `Idempotency-Key` header is empty, too long, sent more than once, or has "
            "characters that are not printable ASCII."
        ),
        mend=say("Send one key of printable ASCII characters; a UUID is a good choice."),
    ),
    "unauthorized": ProblemType(
        status=401,
        title=say("Unauthorized"),
        meaning=say(
            "No API key or token was sent, or the one that was sent is unknown, expired or "
            "revoked, or made for somebody else."
        ),
        mend=say(
            "Send `Authorization: Bearer ...` with a key or a token that is valid: sign in again, "
            "or ask an administrator for a key."
        ),
    ),
    "forbidden": ProblemType(
        status=403,
        title=say("Forbidden"),
        meaning=say("The key or token is valid, but it has no right to do this."),
        mend=say(
            "Ask an administrator for the scope that the problem names, or leave the operation to "
            "somebody who has it."
        ),
    ),
    "not-found": ProblemType(
        status=404,
        title=say("Not found"),
        meaning=say("There is nothing at this address, or nothing that this key may see."),
        mend=say(
            "Check the address and the id, and that the key belongs to the tenant that holds the "
            "record."
        ),
    ),
    "module-disabled": ProblemType(
        status=404,
        title=say("Module disabled"),
        meaning=say("This part of the API is switched off for the tenant."),
        mend=say("Ask an administrator to switch the module on, or do without it."),
    ),
    "method-not-allowed": ProblemType(
        status=405,
        title=say("Method not allowed"),
        meaning=say("The address exists, but it does not answer this method."),
        mend=say("Use one of the methods in the `Allow` header."),
    ),
    "not-acceptable": ProblemType(
        status=406,
        title=say("Not acceptable"),
        meaning=say(
            "The `Accept` header admits none of the media types that this operation can answer "
            "with."
        ),
        mend=say("Leave `Accept` out, or admit `application/json`."),
    ),
    "request-timeout": ProblemType(
        status=408,
        title=say("Request timeout"),
        meaning=say("The body did not arrive in time, so nothing was done."),
        mend=say("Send the request again over a better connection, or send less in one request."),
    ),
    "conflict": ProblemType(
        status=409,
        title=say("Conflict"),
        meaning=say(
            "The request is valid in itself, but it does not fit the present state of the records,"
            " or somebody changed them at the same moment."
        ),
        mend=say(
            "Read the record again, decide whether your change still makes sense, and send it "
            "again."
        ),
    ),
    "duplicate-value": ProblemType(
        status=409,
        title=say("Duplicate value"),
        meaning=say(
            "Another record already has a value that only one record may have, such as an external"
            " id."
        ),
        mend=say(
            "Change the record that has the value already, which `existing` names where your key "
            "may read it, or choose another value."
        ),
    ),
    "period-overlaps": ProblemType(
        status=409,
        title=say("Period overlaps"),
        meaning=say(
            "Of the same thing one record is in force at a time, and another one is in force on "
            "some of these days."
        ),
        mend=say(
            "Let the other record, which `existing` names where your key may read it, end before "
            "this one begins, or choose other days."
        ),
    ),
    "merge-refused": ProblemType(
        status=409,
        title=say("Merge refused"),
        meaning=say(
            "These two records cannot become one, for example because the one that should go on "
            "has ended itself."
        ),
        mend=say("Read both records and merge into one that still goes on."),
    ),
    "resource-merged": ProblemType(
        status=409,
        title=say("Resource merged"),
        meaning=say("The record was merged into another one and can no longer be changed."),
        mend=say("Send the change to the record that `merged_into` names."),
    ),
    "invalid-transition": ProblemType(
        status=409,
        title=say("Invalid transition"),
        meaning=say("The record's status does not allow this step."),
        mend=say("Read the record and take a step that its present status allows."),
    ),
    "insufficient-points": ProblemType(
        status=409,
        title=say("Insufficient points"),
        meaning=say("The account has fewer available points than the request wants to use."),
        mend=say("Read the balance and use no more than that."),
    ),
    "credit-limit-exceeded": ProblemType(
        status=409,
        title=say("Credit limit exceeded"),
        meaning=say(
            "The customer's open amounts and this one together are more than the credit limit."
        ),
        mend=say("Have open invoices paid or the limit raised, or send a smaller amount."),
    ),
    "request-in-progress": ProblemType(
        status=409,
        title=say("Request in progress"),
        meaning=say("A request with the same idempotency key is being worked on at this moment."),
        mend=say(
            "Wait a second and send the same request with the same key again, to receive its "
            "answer."
        ),
    ),
    "gone": ProblemType(
        status=410,
        title=say("Gone"),
        meaning=say("The record existed, and was erased for good."),
        mend=say("Remove your copy and your references; it will not come back."),
    ),
    "event-expired": ProblemType(
        status=410,
        title=say("Event expired"),
        meaning=say(
            "The feed no longer holds the event that you want to continue after, so events may "
            "have passed you by."
        ),
        mend=say(
            "Read the records anew by their lists, then follow the feed from its present end."
        ),
    ),
    "precondition-failed": ProblemType(
        status=412,
        title=say("Precondition failed"),
        meaning=say(
            "The record is not at the version that `If-Match` names, or the header is not an ETag "
            "of this API, so nothing was changed."
        ),
        mend=say(
            "Read the record again, or look at `changed`, which tells per field what you had seen "
            "(`base`), what it is now (`theirs`) and what you wanted (`yours`). Apply your change "
            "to that, and send it with `current_version` as the ETag."
        ),
    ),
    "payload-too-large": ProblemType(
        status=413,
        title=say("Payload too large"),
        meaning=say("The body has more bytes than this operation takes."),
        mend=say("Send less in one request, for example fewer records in a batch."),
    ),
    "uri-too-long": ProblemType(
        status=414,
        title=say("URI too long"),
        meaning=say("The address with its query has more bytes than the server reads."),
        mend=say("Use fewer or shorter query parameters."),
    ),
    "unsupported-media-type": ProblemType(
        status=415,
        title=say("Unsupported media type"),
        meaning=say("The body has a media type or an encoding that this operation does not read."),
        mend=say(
            "Send JSON with `Content-Type: application/json` and without a `Content-Encoding`."
        ),
    ),
    "validation-failed": ProblemType(
        status=422,
        title=say("Validation failed"),
        meaning=say(
            "The request could be read, but some of its fields, parameters or headers break the "
            "rules of the contract, so nothing was done."
        ),
        mend=say(
            "Correct everything that `errors` lists; each entry names the place and the mistake."
        ),
    ),
    "idempotency-key-reused": ProblemType(
        status=422,
        title=say("Idempotency key reused"),
        meaning=say("The idempotency key was already used for a request with another content."),
        mend=say(
            "Use a fresh key for each new thing, and repeat a key only with exactly the same "
            "request."
        ),
    ),
    "unknown-reference": ProblemType(
        status=422,
        title=say("Unknown reference"),
        meaning=say(
            "The request names a record that does not exist, or that this key may not see."
        ),
        mend=say(
            "Correct the id that `errors` points to, or create the record it stands for first."
        ),
    ),
    "url-not-allowed": ProblemType(
        status=422,
        title=say("URL not allowed"),
        meaning=say(
            "The server does not send requests to this URL, because it leads into a private "
            "network, to a forbidden port, or uses another scheme than HTTPS."
        ),
        mend=say("Give a public HTTPS URL, or ask whoever runs the server to allow the network."),
    ),
    "file-rejected": ProblemType(
        status=422,
        title=say("File rejected"),
        meaning=say(
            "The file is not of an allowed type, is not what its name claims, or did not pass the "
            "checks on its content."
        ),
        mend=say(
            "Send a file of an allowed type whose content agrees with its name and media type."
        ),
    ),
    "precondition-required": ProblemType(
        status=428,
        title=say("Precondition required"),
        meaning=say(
            "This change is only accepted together with the version of the record that it is meant"
            " for."
        ),
        mend=say("Read the record and send its ETag in `If-Match`."),
    ),
    "rate-limited": ProblemType(
        status=429,
        title=say("Rate limited"),
        meaning=say(
            "This key or its tenant has sent as many requests as it may in this window, or too "
            "many wrong keys came from this address; `violated-policies` says which. Nothing was "
            "done."
        ),
        mend=say("Wait for the seconds in `Retry-After`, and spread your requests."),
    ),
    "headers-too-large": ProblemType(
        status=431,
        title=say("Headers too large"),
        meaning=say("The request has more headers, or more bytes in them, than the server reads."),
        mend=say("Send fewer and shorter headers; large cookies are a usual cause."),
    ),
    "job-failed": ProblemType(
        status=500,
        title=say("Job failed"),
        meaning=say(
            "A job was tried several times and failed each time in a way that the server did not "
            "foresee. What its finished steps have done is done."
        ),
        mend=say(
            "Ask for the job again later; if it fails again, quote `request_id` to whoever runs "
            "the server."
        ),
    ),
    "internal": ProblemType(
        status=500,
        title=say("Internal error"),
        meaning=say("The server has a defect; what happened is in its log and not in this answer."),
        mend=say(
            "Try again later with the same idempotency key, and report `request_id` to whoever "
            "runs the server."
        ),
    ),
    "unavailable": ProblemType(
        status=503,
        title=say("Unavailable"),
        meaning=say(
            "The server cannot do this at the moment, because too much is being done already, the "
            "work took too long, or its database does not answer."
        ),
        mend=say("Wait for the seconds in `Retry-After`, and send the same request again."),
    ),
}
