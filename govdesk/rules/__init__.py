"""What is allowed: pure rules."""
