/* config.h -- settings that are properties of an object, as arguments are in GIMP 3.0. No header of GIMP's. */
#ifndef CONFIG_H
#define CONFIG_H

#include "core.h"

#define CONFIG_LEFT_TO_METHOD "-" /* of a choice that has no default in the table */

/* config_read: into @asked, with the other picture's file; @all: whatever they are, as a form shows them; else those
 * that are not at their defaults: beside a preset, which has defaults of its own, only they were asked for. */
gboolean config_read (Asked *asked, GObject *config, gboolean all, GError **error);

/* config_set: one of them, of what a user would type. */
void config_set (GObject *config, const char *name, const char *text);

/* config_watch: @changed is called of any of them, as long as @watch is connected; a preset sets all others first. */
typedef struct {
  Asked *asked;
  void (*changed) (gpointer user_data);
  gpointer user_data;
  gboolean filling; /* the program sets them */
} ConfigWatch;
void config_watch (ConfigWatch *watch, GObject *config);

#endif
