# Lays the zipped networks among the test data out in the build folder, once.
file(GLOB archives ${DATA}/models/*/*.zip)
if(NOT archives)
  message("SKIPPED: no zipped networks below ${DATA}/models")
endif()
foreach(archive IN LISTS archives)
  get_filename_component(name ${archive} NAME_WE)
  if(NOT EXISTS ${FOLDER}/${name})
    # Into a folder of its own first: what was cut short must not look whole
    file(REMOVE_RECURSE ${FOLDER}/${name}.part)
    file(MAKE_DIRECTORY ${FOLDER}/${name}.part)
    execute_process(COMMAND ${CMAKE_COMMAND} -E tar xf ${archive}
                    WORKING_DIRECTORY ${FOLDER}/${name}.part COMMAND_ERROR_IS_FATAL ANY)
    file(RENAME ${FOLDER}/${name}.part ${FOLDER}/${name})
  endif()
endforeach()
