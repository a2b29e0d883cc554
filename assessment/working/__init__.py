"""What is done beside the web processes: mail, files, reminders, releases, surveys that recur, retention."""
