"""Documents to results: what the command and the service share. Files and HTTP are theirs."""
