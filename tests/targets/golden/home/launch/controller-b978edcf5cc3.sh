# Runs `controller`, which has values that supervisord's configuration cannot hold.
cd -- /opt/hippodrome/services/controller || exit 127
unset PWD OLDPWD SHLVL
export AWS_ENDPOINT_URL=''
export CONTROL_PLANE_URL_OVERRIDE=http://127.0.0.1:9001
export GREETING='it'"'"'s "100%" ; free # really'
export TABLE_PREFIX=dev-main-
export TOKEN='********'
exec /opt/hippodrome/bin/python -m controller 127.0.0.1:9002
