#!/bin/sh
# Runs a program again and again for some seconds: a line for each run.
seconds=$1
shift
end=$(($(date +%s) + seconds))
while [ "$(date +%s)" -lt "$end" ]; do
  if said=$("$@" 2>&1); then
    echo ok
  else
    echo "failed $said"
  fi
  sleep 0.5
done
