#!/bin/sh
# A version whose services do not run is not kept; docs/reference/pm.md, is-healthy.
exec /usr/bin/firn pm is-healthy --timeout 50
