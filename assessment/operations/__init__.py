"""What whoever runs Tandem needs: backups, putting them back, and a look at whether all is well."""
