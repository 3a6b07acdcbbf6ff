"""The life of serving certificates: an authority that is stored, leaves that are not, and who must trust them.

Knows nothing of what is served. Where the authority is kept and who is told of it: two Protocols (`store`, `bundle`).
"""
