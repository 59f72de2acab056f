/*
 * Preloaded into a process: from the n-th call on, or at that one alone, syncing or writing the files of
 * a store fails as it does on a disk that breaks. FAIL_CALL: sync or write, FAIL_AT: n, FAIL_ERRNO,
 * FAIL_ONCE: set where later calls succeed again, as they do after a failed fsync on Linux.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static long calls;

static int is_of_store(int file) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return strstr(path, "whaleflow.db") != NULL;
}

static int fails(const char *call, int file) {
  const char *wanted = getenv("FAIL_CALL");
  if (wanted == NULL || strcmp(wanted, call) != 0 || !is_of_store(file)) return 0;
  long at = atol(getenv("FAIL_AT"));
  calls += 1;
  if (calls < at || (calls > at && getenv("FAIL_ONCE") != NULL)) return 0;
  errno = atoi(getenv("FAIL_ERRNO"));
  return 1;
}

int fsync(int file) {
  int (*real)(int) = dlsym(RTLD_NEXT, "fsync");
  return fails("sync", file) ? -1 : real(file);
}

int fdatasync(int file) {
  int (*real)(int) = dlsym(RTLD_NEXT, "fdatasync");
  return fails("sync", file) ? -1 : real(file);
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t offset) {
  ssize_t (*real)(int, const void *, size_t, off64_t) = dlsym(RTLD_NEXT, "pwrite64");
  return fails("write", file) ? -1 : real(file, bytes, count, offset);
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset) {
  ssize_t (*real)(int, const void *, size_t, off_t) = dlsym(RTLD_NEXT, "pwrite");
  return fails("write", file) ? -1 : real(file, bytes, count, offset);
}
