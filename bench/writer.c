// Writes the files listed in a pack to a folder, each under a temporary name that is then renamed:
// the least any compiler must do for the same tree. Pack: lines `PATH LENGTH`, an empty line, the bytes.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void make_folders(char *path) {
  for (char *p = path + 1; *p; ++p)
    if (*p == '/') {
      *p = 0;
      mkdir(path, 0777);
      *p = '/';
    }
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  FILE *pack = fopen(argv[1], "rb");
  if (!pack) fail(argv[1]);
  fseek(pack, 0, SEEK_END);
  const long size = ftell(pack);
  rewind(pack);
  char *all = malloc((size_t)size + 1);
  if (!all || fread(all, 1, (size_t)size, pack) != (size_t)size) fail("read");
  all[size] = 0;
  char *body = strstr(all, "\n\n");
  if (!body) return 2;
  body += 2;
  if (mkdir(argv[2], 0777) != 0 || chdir(argv[2]) != 0) fail(argv[2]);
  char path[4096], part[4100];
  for (char *line = all; *line != '\n';) {
    char *space = strchr(line, ' '), *end = strchr(line, '\n');
    const size_t name = (size_t)(space - line), length = strtoul(space + 1, NULL, 10);
    if (name >= sizeof path) return 2;
    memcpy(path, line, name);
    path[name] = 0;
    snprintf(part, sizeof part, "%s.new", path);
    int file = open(part, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (file < 0) {
      make_folders(part);
      file = open(part, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    }
    if (file < 0 || write(file, body, length) != (ssize_t)length || close(file) != 0 || rename(part, path) != 0) fail(path);
    body += length;
    line = end + 1;
  }
  return 0;
}
