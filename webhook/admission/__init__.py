"""AdmissionReview v1: bytes to values and back. No I/O."""
