// A C interface to the parts of ctemplate that the product uses: a cache of
// templates that is loaded once, dictionaries, and expansion into memory.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// Every `name` is a literal: its bytes must stay as they are until the program
// ends. Values are copied.

typedef struct ctemplate_cache ctemplate_cache;
typedef struct ctemplate_dictionary ctemplate_dictionary;

/// ctemplate::TemplateCache with `directory` as its root.
ctemplate_cache *ctemplate_cache_create(const char *directory);
void ctemplate_cache_destroy(ctemplate_cache *cache);

/// TemplateCache::LoadTemplate. False if the file is missing or not well-formed.
bool ctemplate_cache_load(ctemplate_cache *cache, const char *file);

/// TemplateCache::Freeze: from now on no file is looked at again.
void ctemplate_cache_freeze(ctemplate_cache *cache);

/// A root dictionary; it owns every dictionary made under it.
ctemplate_dictionary *ctemplate_dictionary_create(void);
void ctemplate_dictionary_destroy(ctemplate_dictionary *root);

/// SetValue.
void ctemplate_dictionary_set(ctemplate_dictionary *dictionary, const char *name, size_t name_length,
                              const char *value, size_t value_length);
/// SetTemplateGlobalValue: seen in included templates too. Root only.
void ctemplate_dictionary_set_everywhere(ctemplate_dictionary *dictionary, const char *name, size_t name_length,
                                         const char *value, size_t value_length);
/// AddSectionDictionary.
ctemplate_dictionary *ctemplate_dictionary_add_section(ctemplate_dictionary *dictionary, const char *name,
                                                       size_t name_length);
/// ShowSection: for a section without values of its own.
void ctemplate_dictionary_show_section(ctemplate_dictionary *dictionary, const char *name, size_t name_length);
/// AddIncludeDictionary and SetFilename, for the place that is called MAIN.
ctemplate_dictionary *ctemplate_dictionary_include_main(ctemplate_dictionary *dictionary, const char *file);

/// Receives the expanded text once; the bytes live as long as the call.
typedef void (*ctemplate_receiver)(void *context, const char *bytes, size_t length);

/// TemplateCache::ExpandNoLoad. False if a template is missing or malformed.
bool ctemplate_expand(const ctemplate_cache *cache, const char *file, const ctemplate_dictionary *dictionary,
                      ctemplate_receiver receive, void *context);

#ifdef __cplusplus
}
#endif
