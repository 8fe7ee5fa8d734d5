/* fuzz-settings.c -- libFuzzer target: any bytes as the file of --settings, applied like the style command applies it.
 * Built with -Dfuzz=true; run by tools/check.sh. */
#include "cli/cli.h"
#include "method/style/style.h"
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static int fd = -1; /* in memory; named by /proc/self/fd */
  if (fd < 0)
    fd = memfd_create ("settings", 0);
  if (fd < 0 || ftruncate (fd, 0) != 0 || pwrite (fd, data, size, 0) != (gssize) size)
    abort ();
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", fd);
  char option[] = "--settings", *argv[] = { option, path, NULL };
  g_autoptr (GPtrArray) given = NULL, args = NULL;
  g_autoptr (GError) error = NULL, wrong = NULL;
  const Command *style = commands[0];
  if (options_parse (style, 2, argv, &given, &args, &error) == (error != NULL))
    __builtin_trap ();
  if (error)
    return 0;
  PictureOptions picture;
  RvSettings *settings = NULL;
  const CommandLine line = { .command = style, .given = given };
  gboolean ok =
    picture_options_read (&line, &picture, &wrong) && (settings = options_settings (given, "style", NULL, &wrong));
  if (ok == (wrong != NULL))
    __builtin_trap ();
  if (ok)
    rv__style_settings_check (settings, "builtin", 1, NULL);
  picture_options_clear (&picture);
  rv_settings_free (settings);
  return 0;
}
