/*
 * Stands in for DJL's TensorRT library on a machine without a GPU: the same JNI functions, computing
 * the tests' TinyModel, whose weights come in as tiny_weights.h. Like TensorRT it has static shapes
 * (the batch is read from the model's input, or from a plan's text), copies the bound input in and
 * the outputs out at a run, and takes options by their presence; it writes down how it was loaded.
 */
#include <jni.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tiny_weights.h" /* WIDTH, HEIGHT, OUTPUTS, CALLS_FILE, names, strides, channels, weights, biases */

#define NAME(function) JNICALL Java_ai_djl_tensorrt_jni_TrtLibrary_##function

typedef struct {
  int batch;
} Model;

typedef struct {
  int batch;
  float *input;
  float *outputs[OUTPUTS];
} Session;

static void fail(JNIEnv *env, const char *message) {
  (*env)->ThrowNew(env, (*env)->FindClass(env, "ai/djl/engine/EngineException"), message);
}

static int cells(int size, int stride) { return (size + stride - 1) / stride; }

/* The first dimension of the graph's input: "images", then type, tensor type, float, shape, dim. */
static int batch_of_graph(const unsigned char *bytes, long length) {
  static const int after[] = {0x12, -1, 0x0a, -1, 0x08, 0x01, 0x12, -1, 0x0a, 0x02, 0x08};
  const int count = sizeof(after) / sizeof(after[0]);
  for (long i = 0; i + 6 + count < length; i++) {
    if (memcmp(bytes + i, "images", 6) != 0) continue;
    int k = 0;
    while (k < count && (after[k] < 0 || after[k] == bytes[i + 6 + k])) k++;
    if (k == count) return bytes[i + 6 + count];
  }
  return 0;
}

JNIEXPORT void NAME(initPlugins)(JNIEnv *env, jobject self, jstring space, jint level) {}

JNIEXPORT jint NAME(getTrtVersion)(JNIEnv *env, jobject self) { return 8601; }

JNIEXPORT jlong NAME(loadTrtModel)(JNIEnv *env, jobject self, jint type, jstring path, jint device,
                                   jobjectArray keys, jobjectArray values) {
  const char *file = (*env)->GetStringUTFChars(env, path, NULL);
  FILE *in = fopen(file, "rb");
  (*env)->ReleaseStringUTFChars(env, path, file);
  if (in == NULL) {
    fail(env, "no such file");
    return 0;
  }
  static unsigned char bytes[1 << 20];
  long length = (long)fread(bytes, 1, sizeof(bytes) - 1, in);
  bytes[length] = 0;
  fclose(in);
  int batch = 0;
  if (type == 0) {
    batch = batch_of_graph(bytes, length);
  } else {
    sscanf((const char *)bytes, "plan for batch %d", &batch);
  }
  if (batch == 0) {
    fail(env, "the model cannot be parsed");
    return 0;
  }
  FILE *calls = fopen(CALLS_FILE, "a");
  fprintf(calls, "load type %d, device %d, batch %d", type, device, batch);
  for (int i = 0; i < (*env)->GetArrayLength(env, keys); i++) {
    jstring key = (jstring)(*env)->GetObjectArrayElement(env, keys, i);
    const char *text = (*env)->GetStringUTFChars(env, key, NULL);
    fprintf(calls, ", %s", text);
    (*env)->ReleaseStringUTFChars(env, key, text);
  }
  fprintf(calls, "\n");
  fclose(calls);
  Model *model = malloc(sizeof(Model));
  model->batch = batch;
  return (jlong)(size_t)model;
}

JNIEXPORT void NAME(deleteTrtModel)(JNIEnv *env, jobject self, jlong model) {
  free((Model *)(size_t)model);
}

static jobjectArray strings(JNIEnv *env, int count, const char *const *texts) {
  jobjectArray array =
      (*env)->NewObjectArray(env, count, (*env)->FindClass(env, "java/lang/String"), NULL);
  for (int i = 0; i < count; i++) {
    (*env)->SetObjectArrayElement(env, array, i, (*env)->NewStringUTF(env, texts[i]));
  }
  return array;
}

JNIEXPORT jobjectArray NAME(getInputNames)(JNIEnv *env, jobject self, jlong model) {
  static const char *const input[] = {"images"};
  return strings(env, 1, input);
}

/* TensorRT numbers its bindings as it likes: here the outputs come in reverse. */
JNIEXPORT jobjectArray NAME(getOutputNames)(JNIEnv *env, jobject self, jlong model) {
  const char *reversed[OUTPUTS];
  for (int i = 0; i < OUTPUTS; i++) reversed[i] = names[OUTPUTS - 1 - i];
  return strings(env, OUTPUTS, reversed);
}

static jintArray floats(JNIEnv *env, int count) { return (*env)->NewIntArray(env, count); }

JNIEXPORT jintArray NAME(getInputDataTypes)(JNIEnv *env, jobject self, jlong model) {
  return floats(env, 1);
}

JNIEXPORT jintArray NAME(getOutputDataTypes)(JNIEnv *env, jobject self, jlong model) {
  return floats(env, OUTPUTS);
}

JNIEXPORT jlong NAME(createSession)(JNIEnv *env, jobject self, jlong model) {
  Session *session = calloc(1, sizeof(Session));
  session->batch = ((Model *)(size_t)model)->batch;
  return (jlong)(size_t)session;
}

JNIEXPORT void NAME(deleteSession)(JNIEnv *env, jobject self, jlong session) {
  free((Session *)(size_t)session);
}

static int output_of(const char *name) {
  for (int i = 0; i < OUTPUTS; i++) {
    if (strcmp(names[i], name) == 0) return i;
  }
  return -1;
}

JNIEXPORT jlongArray NAME(getShape)(JNIEnv *env, jobject self, jlong handle, jstring name) {
  Session *session = (Session *)(size_t)handle;
  const char *text = (*env)->GetStringUTFChars(env, name, NULL);
  int output = output_of(text);
  (*env)->ReleaseStringUTFChars(env, name, text);
  jlong shape[4] = {session->batch, 3, HEIGHT, WIDTH};
  if (output >= 0) {
    shape[1] = channels[output];
    shape[2] = cells(HEIGHT, strides[output]);
    shape[3] = cells(WIDTH, strides[output]);
  }
  jlongArray array = (*env)->NewLongArray(env, 4);
  (*env)->SetLongArrayRegion(env, array, 0, 4, shape);
  return array;
}

JNIEXPORT void NAME(bind)(JNIEnv *env, jobject self, jlong handle, jstring name, jobject buffer) {
  Session *session = (Session *)(size_t)handle;
  const char *text = (*env)->GetStringUTFChars(env, name, NULL);
  int output = output_of(text);
  (*env)->ReleaseStringUTFChars(env, name, text);
  float *memory = (*env)->GetDirectBufferAddress(env, buffer);
  if (output < 0) {
    session->input = memory;
  } else {
    session->outputs[output] = memory;
  }
}

JNIEXPORT void NAME(runTrtModel)(JNIEnv *env, jobject self, jlong handle) {
  Session *session = (Session *)(size_t)handle;
  for (int output = 0; output < OUTPUTS; output++) {
    int stride = strides[output], rows = cells(HEIGHT, stride), columns = cells(WIDTH, stride);
    float *out = session->outputs[output];
    for (int image = 0; image < session->batch; image++) {
      const float *in = session->input + (long)image * 3 * HEIGHT * WIDTH;
      for (int c = 0; c < channels[output]; c++) {
        for (int i = 0; i < rows; i++) {
          for (int j = 0; j < columns; j++) {
            float value = biases[output][c];
            for (int k = 0; k < 3; k++) {
              value += weights[output][c][k] * in[(k * HEIGHT + i * stride) * WIDTH + j * stride];
            }
            *out++ = value;
          }
        }
      }
    }
  }
}
