"""What people read: one result as text."""
