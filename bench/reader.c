// Reads the files listed in a pack (see writer.c) below a folder, whole, each once: the least any compiler must do
// to know that nothing changed.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void fail(const char *what) {
  perror(what);
  exit(1);
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  FILE *pack = fopen(argv[1], "rb");
  if (!pack) fail(argv[1]);
  if (chdir(argv[2]) != 0) fail(argv[2]);
  char *line = NULL, *bytes = NULL;
  size_t room = 0, most = 0;
  while (getline(&line, &room, pack) > 1) {
    char *space = strchr(line, ' ');
    if (!space) return 2;
    *space = 0;
    const size_t length = strtoul(space + 1, NULL, 10);
    if (length + 1 > most) bytes = realloc(bytes, most = 2 * length + 1);
    const int file = open(line, O_RDONLY);
    if (!bytes || file < 0 || read(file, bytes, length + 1) != (ssize_t)length || close(file) != 0) fail(line);
  }
  return 0;
}
