/* config.h -- settings as properties of an object, like the arguments of GIMP 3.0. Includes no header of GIMP. */
#ifndef CONFIG_H
#define CONFIG_H

#include "core.h"

#define CONFIG_LEFT_TO_METHOD "-" /* value of a choice without a default: the method chooses */

/* Reads the settings, the other picture's file and the inputs into @request. @all: all settings, for a form; else only
 * settings that differ from their defaults, so that the preset decides all others. RV_ERROR_SETTING. */
gboolean config_read (Request *request, GObject *config, gboolean all, GError **error);

/* Sets the property @name from text as a user would type it. An equal value is not set, and notifies nothing. */
void config_set (GObject *config, const char *name, const char *text);

/* User data of config_watch(); must live until its handler is disconnected. */
typedef struct {
  Request *request;
  void (*changed) (gpointer user_data);
  gpointer user_data;
  gboolean filling; /* the properties are being set by config_set() */
} ConfigWatch;
/* Calls watch->changed for any change of a property by the user. A preset first sets all other properties. */
void config_watch (ConfigWatch *watch, GObject *config);

#endif
