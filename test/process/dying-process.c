/*
 * Preloaded into a process: it is killed (-9) right before the n-th call of the system that makes, moves or
 * removes something below a folder. DIE_BELOW: the folder, DIE_AT: n.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static long calls;

static void call(const char *path) {
  const char *below = getenv("DIE_BELOW");
  if (below == NULL || path == NULL || strncmp(path, below, strlen(below)) != 0) return;
  calls += 1;
  if (calls == atol(getenv("DIE_AT"))) kill(getpid(), SIGKILL);
}

#define REAL(name) ((typeof(&name))dlsym(RTLD_NEXT, #name))

int mkdir(const char *path, mode_t mode) {
  call(path);
  return REAL(mkdir)(path, mode);
}

int rmdir(const char *path) {
  call(path);
  return REAL(rmdir)(path);
}

int unlink(const char *path) {
  call(path);
  return REAL(unlink)(path);
}

int remove(const char *path) {
  call(path);
  return REAL(remove)(path);
}

int unlinkat(int folder, const char *path, int flags) {
  call(path);
  return REAL(unlinkat)(folder, path, flags);
}

int rename(const char *from, const char *to) {
  call(to);
  return REAL(rename)(from, to);
}

int link(const char *from, const char *to) {
  call(to);
  return REAL(link)(from, to);
}

int symlink(const char *from, const char *to) {
  call(to);
  return REAL(symlink)(from, to);
}

int chmod(const char *path, mode_t mode) {
  call(path);
  return REAL(chmod)(path, mode);
}

static int opened(const char *path, int flags) {
  if (flags & (O_CREAT | O_WRONLY | O_RDWR)) call(path);
  return flags;
}

int open(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = va_arg(rest, mode_t);
  va_end(rest);
  return REAL(open)(path, opened(path, flags), mode);
}

int open64(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = va_arg(rest, mode_t);
  va_end(rest);
  return REAL(open64)(path, opened(path, flags), mode);
}
