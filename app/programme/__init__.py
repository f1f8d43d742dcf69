"""The programme receives the public's requests and orients them; of the associations it sees counts, never people."""
