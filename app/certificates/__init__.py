"""A certificate states what somebody did, as facts that never change, in a file that anybody can verify."""
