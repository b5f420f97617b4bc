shutdown_timeout_secs = 30;
