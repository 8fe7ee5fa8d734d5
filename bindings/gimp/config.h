/* config.h -- settings as properties of an object, like the arguments of GIMP 3.0. Includes no header of GIMP. */
#ifndef CONFIG_H
#define CONFIG_H

#include "core.h"

#define CONFIG_LEFT_TO_METHOD "-" /* a choice without a default */

/* Reads the settings and the other picture's file into @asked. @all: all settings, for a form. Otherwise only those
 * that differ from their defaults, so that a preset keeps its own. */
gboolean config_read (Asked *asked, GObject *config, gboolean all, GError **error);

/* Sets a property from text as a user would type it. */
void config_set (GObject *config, const char *name, const char *text);

/* Calls @changed for any change of a property. A preset first sets all other properties. Valid while connected. */
typedef struct {
  Asked *asked;
  void (*changed) (gpointer user_data);
  gpointer user_data;
  gboolean filling; /* the properties are being set by config_set() */
} ConfigWatch;
void config_watch (ConfigWatch *watch, GObject *config);

#endif
