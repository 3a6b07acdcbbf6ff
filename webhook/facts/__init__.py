"""What is known of the cluster when a decision is made."""
