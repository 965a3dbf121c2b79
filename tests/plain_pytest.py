"""pytest within a test, without the plug-ins that it finds installed: some take seconds to load."""

AUTOLOAD = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
PLAIN = ("-p", "no:cacheprovider", "-p", "pytest_timeout")  # the timeout is one of the project's settings
