"""Bytes of a request to a Review, or what is wrong with them."""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec import Struct

from webhook.admission.review import NULL, REVIEW_API_VERSION, REVIEW_KIND, Review

MAX_REVIEW_BYTES: Final = 7 * 1024 * 1024
"""A review carries object and oldObject, and the API server accepts 3 MiB each (apiserver, server/config.go,
MaxRequestBodyBytes); controller-runtime uses the same limit (pkg/webhook/admission/http.go)."""

_MUST_HAVE: Final = {"CREATE": ("object",), "UPDATE": ("object", "oldObject"), "DELETE": ("oldObject",)}


class NotAReviewError(Exception):
    """The bytes are no AdmissionReview that could be answered. The message is for whoever sent them."""


class _Envelope(Struct, rename="camel"):
    api_version: str = ""
    kind: str = ""
    request: msgspec.Raw = NULL


_ENVELOPE: Final = msgspec.json.Decoder(_Envelope)
_REVIEW: Final = msgspec.json.Decoder(Review)


def read_review(body: bytes) -> Review:
    """Raises NotAReviewError."""
    envelope = _envelope(body)
    if (envelope.api_version, envelope.kind) != (REVIEW_API_VERSION, REVIEW_KIND):
        raise NotAReviewError(
            f"expected kind {REVIEW_KIND!r} of apiVersion {REVIEW_API_VERSION!r}, "
            f"got kind {envelope.kind[:80]!r} of apiVersion {envelope.api_version[:80]!r}"
        )
    if envelope.request == NULL:
        raise NotAReviewError("the AdmissionReview has no request")
    try:
        review = _REVIEW.decode(envelope.request)
    except msgspec.DecodeError as error:
        raise NotAReviewError(f"the request of the AdmissionReview cannot be read: {error}") from error
    _check_objects(review)
    return review


def _envelope(body: bytes) -> _Envelope:
    try:
        # msgspec takes the bytes of members that it does not decode as they are, and would send them back.
        body.decode()
        return _ENVELOPE.decode(body)
    except UnicodeDecodeError as error:
        raise NotAReviewError(f"the body is not UTF-8 from byte {error.start} on") from error
    except msgspec.ValidationError as error:
        raise NotAReviewError(f"the body is not an AdmissionReview: {error}") from error
    except msgspec.DecodeError as error:
        raise NotAReviewError(f"the body is not JSON: {error}") from error
    except RecursionError as error:
        raise NotAReviewError("the body is nested too deeply to be read") from error


def _check_objects(review: Review) -> None:
    present = {"object": review.object != NULL, "oldObject": review.old_object != NULL}
    missing = [member for member in _MUST_HAVE.get(review.operation, ()) if not present[member]]
    if missing and not review.sub_resource:
        raise NotAReviewError(f"the AdmissionReview of a {review.operation} has no {' and no '.join(missing)}")
