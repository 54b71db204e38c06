"""Files carried to and from a place that somebody else reads: a folder, SFTP or S3. What is in them is not known here."""
