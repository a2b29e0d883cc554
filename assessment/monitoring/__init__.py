"""What whoever runs the service sees of it: readiness, metrics, and a log that holds no answers."""
