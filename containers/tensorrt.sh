#!/bin/sh
# Fetches what a detector needs on a GPU into the folder $1: TensorRT 8.6, for which DJL's engine was made, with its ONNX
# parser and builder, and of CUDA 12.1 what TensorRT links against. From Maven Central, where JavaCPP's presets keep them.
set -eu
unpack() { # ARTIFACT FILES
  mvn -B -q org.apache.maven.plugins:maven-dependency-plugin:3.8.1:unpack -Dartifact="org.bytedeco:$1:jar:linux-x86_64-redist" \
    -DoutputDirectory=/tmp/unpacked -Dmdep.unpack.includes="$2"
}
unpack tensorrt:8.6-1.5.9 '**/libnvinfer.so*,**/libnvinfer_plugin.so*,**/libnvinfer_builder_resource.so*,**/libnvonnxparser.so*,**/libnvparsers.so*'
unpack cuda:12.1-8.9-1.5.9 '**/libcudart.so*,**/libcublas.so*,**/libcublasLt.so*,**/libcudnn.so*,**/libcudnn_ops_infer.so*,**/libcudnn_cnn_infer.so*'
mkdir -p "$1"
find /tmp/unpacked -name '*.so*' -type f -exec mv {} "$1" \;
# DJL looks for CUDA under this name before any other that the system may have.
ln -s libcudart.so.12 "$1/libcudart.so"
