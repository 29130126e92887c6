#!/bin/bash
# Starts `fovea "$@"` in a container. /site/SERVICE.conf is the service's configuration where there is one, and a variable
# FOVEA_…_FILE names a file that holds the value of FOVEA_…, as is usual for secrets.
set -euo pipefail

for variable in $(compgen -e | grep -E '^FOVEA_[A-Z_]+_FILE$' || true); do
  file=${!variable}
  [[ -r $file ]] || { echo "fovea: $variable names $file, which cannot be read" >&2; exit 2; }
  export "${variable%_FILE}=$(<"$file")"
  unset "$variable"
done

case ${1:-} in ingest | detector | sink | trainer)
  if [[ $# -eq 1 && -f /site/$1.conf ]]; then set -- "$1" --config "/site/$1.conf"; fi ;;
esac

home=/opt/fovea
classpath="$home/own/*:$home/lib/*"
# As the launcher does: PyTorch is there for training only.
case ${1:-} in train | trainer | export | import | models) classpath="$classpath:$home/lib-training/*" ;; esac

# NVIDIA's libraries, in the GPU flavour: JNA finds them here, the dynamic linker by the image's LD_LIBRARY_PATH.
library_options=()
if [[ -d /opt/tensorrt ]]; then library_options=(-Djna.library.path=/opt/tensorrt); fi

# Natives are unpacked under /tmp, the one place that can be written when the root file system is read-only.
export ENGINE_CACHE_DIR=/tmp/djl DJL_CACHE_DIR=/tmp/djl
# shellcheck disable=SC2086  # FOVEA_JAVA_OPTS is a list of options on purpose.
exec java -Djava.awt.headless=true -Dfovea.home=$home -Dfovea.terminal=false -Duser.home=/tmp \
  -Dorg.bytedeco.javacpp.cachedir=/tmp/javacpp -XX:+ExitOnOutOfMemoryError "${library_options[@]}" ${FOVEA_JAVA_OPTS:-} \
  -cp "$classpath" dev.fovea.standalone.Main "$@"
