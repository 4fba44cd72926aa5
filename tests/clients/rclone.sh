#!/bin/sh
# Lists the buckets of an S3 at an address for some seconds, with one rclone that runs all the time: a line for each call.
seconds=$1
remote=":s3,provider=AWS,env_auth=true,region=us-east-1,endpoint='$2':"
address=127.0.0.1:$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
rclone rcd --rc-no-auth --rc-addr "$address" &
server=$!
trap 'kill "$server"' EXIT
until rclone rc --rc-addr "$address" rc/noop >/dev/null 2>&1; do
  kill -0 "$server" || exit 1
  sleep 0.1
done
end=$(($(date +%s) + seconds))
while [ "$(date +%s)" -lt "$end" ]; do
  if said=$(rclone rc --rc-addr "$address" operations/list "fs=$remote" remote= 2>&1); then
    echo ok
  else
    echo "failed $said"
  fi
  sleep 0.5
done
