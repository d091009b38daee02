"""What happens in the sitting: the protocol, and the recorder that writes the log."""
