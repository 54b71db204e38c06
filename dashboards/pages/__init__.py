"""What each kind of page says: plain values that the templates set out. HTML is the templates', figures are ``figures``'."""
